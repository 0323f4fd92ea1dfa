cask "quiet" do
  version "1.2.0"

  on_macos do
    sha256 "8e0f5081d83b74222298418c9482f43252c22f721024c480bf9d5622bcf43371"

    url "https://dl.acme.example/downloads/quiet/#{version}/QUIET-#{version}-macOS.dmg"

    depends_on macos: :big_sur

    app "Quiet.app"

    uninstall launchctl: [
                "a",
                "b",
              ],
              quit:      "example.acme.quiet",
              pkgutil:   [
                "a.id",
                "z.id",
              ]

    zap trash: [
      "~/Library/Caches/q",
      "~/Library/Preferences/q.plist",
    ]
  end
  on_linux do
    arch arm: "arm64", intel: "x86_64"

    sha256 arm64_linux:  "c5594aae8b06f61eff036f4ceff76f5232c17abe90c9c6d07f39289c9f310f41",
           x86_64_linux: "02bee828b59aa27a11f9a5f724db36281bff930cbded9a24f9a2601e514a60e7"

    url "https://dl.acme.example/downloads/quiet/#{version}/Quiet-#{version}-#{arch}.AppImage"

    app_image "Quiet-#{version}-#{arch}.AppImage", target: "Quiet.AppImage"
  end

  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  auto_updates true
  conflicts_with cask: "hush"

  caveats <<~EOS
    Grant the microphone.
  EOS
end
