cask "quiet" do
  arch arm: "aarch64", intel: "x86_64"
  os macos: "apple-darwin", linux: "unknown-linux-musl"

  version "1.2.0"
  sha256 arm:          "1330629599b231068ba711f4c022f201a0d40feefe262463874a5476551a5032",
         intel:        "3f5cd5053663c10ab0161eb3b8e292c93533f3dd64c3fdc4b25a5afd536a853d",
         arm64_linux:  "a0475eb5331e4ef4fedc9cb5e67d199f67d4b4b72b21477c0278d31f94413dd9",
         x86_64_linux: "3f19e8b53f90b853713b4e3e1145ddefacb9e2746b3867f2e5aabf27377437ca"

  url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{version}-#{arch}-#{os}.tar.gz"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  binary "quiet-#{version}-#{arch}-#{os}/quiet"
  manpage "quiet-#{version}-#{arch}-#{os}/man/quiet.1"
  bash_completion "quiet-#{version}-#{arch}-#{os}/complete/quiet.bash", target: "quiet"
  fish_completion "quiet-#{version}-#{arch}-#{os}/complete/quiet.fish"
  zsh_completion "quiet-#{version}-#{arch}-#{os}/complete/_quiet"

  # No zap stanza required
end
