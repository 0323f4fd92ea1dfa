cask "quiet" do
  version "1.2.0"

  on_macos do
    arch arm: "arm64", intel: "x64"

    sha256 arm:   "86782ae181919672a69210eccacf552635c1091b1e17264b59424fcf9dea99bf",
           intel: "b80c5c08db8aabc076927cef506be1691372c3497b48eb46ee72f0610f77dc01"

    url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{version}-macos-#{arch}.dmg"

    depends_on macos: :sonoma

    app "Quiet.app"
  end
  on_linux do
    arch arm: "arm64", intel: "x64"

    sha256 arm64_linux:  "041541e0fe762019f5ec575467810a1b49fc06327a797496b3c9242037f2f85e",
           x86_64_linux: "c08a0b57fc976b1eb8d3ee9141b09a22084dae206ae75ad3566c5193ee049856"

    url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{version}-linux-#{arch}.AppImage"

    app_image "quiet-#{version}-linux-#{arch}.AppImage", target: "Quiet.AppImage"
  end

  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  # No zap stanza required
end
