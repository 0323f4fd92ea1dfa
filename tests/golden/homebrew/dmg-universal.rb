cask "quiet" do
  version "1.2.0"
  sha256 "8e0f5081d83b74222298418c9482f43252c22f721024c480bf9d5622bcf43371"

  url "https://dl.acme.example/downloads/quiet/#{version}/QUIET-#{version}-macOS.dmg"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on :macos

  app "Quiet.app"

  # No zap stanza required
end
