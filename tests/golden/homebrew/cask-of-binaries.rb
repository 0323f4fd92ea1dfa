cask "quiet" do
  arch arm: "arm64", intel: "amd64"

  version "1.2.0"
  sha256 arm64_linux:  "74a3dd81d9f0e636418bca4628365b169d39fed564e3a2b0363c4f67500418bd",
         x86_64_linux: "204c21dd02ba0e5c16c15e728b6e30f9d119afccbd0215a6a9677db60a6090d8"

  url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{arch}"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on :linux

  binary "quiet-#{arch}", target: "quiet"

  # No zap stanza required
end
