cask "quiet" do
  version "1.2.0"
  sha256 "901169f1bfa448ca5df613fe947d03d69dc7658b12ca5b3f2eb5217a04df413f"

  url "https://dl.acme.example/downloads/quiet/#{version}/Quiet-mac-arm64.zip"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on arch: :arm64
  depends_on :macos

  app "Quiet.app"

  # No zap stanza required
end
