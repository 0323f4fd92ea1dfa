cask "quiet" do
  version "1.2.0"
  sha256 "02bee828b59aa27a11f9a5f724db36281bff930cbded9a24f9a2601e514a60e7"

  url "https://dl.acme.example/downloads/quiet/#{version}/Quiet-#{version}-x86_64.AppImage"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on arch: :x86_64
  depends_on :linux

  app_image "Quiet-#{version}-x86_64.AppImage", target: "Quiet.AppImage"

  zap trash: "~/.config/quiet"
end
