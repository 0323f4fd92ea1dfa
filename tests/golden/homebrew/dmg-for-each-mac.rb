cask "quiet" do
  arch arm: "arm64", intel: "x64"

  version "1.2.0"
  sha256 arm:   "4eec2cf02de325560c07a8a7ad64b91cacb73d4d8f23ba717195bbcdeb581686",
         intel: "589c860a34d772701d49879f29c378830001ae6ce602aec2214a8c3bfd844e8a"

  url "https://dl.acme.example/downloads/quiet/#{version}/Quiet-#{version}-#{arch}.dmg"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on :macos

  app "Quiet Calls.app"

  # No zap stanza required
end
