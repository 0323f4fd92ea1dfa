cask "quiet" do
  arch arm: "arm64-"

  version "1.2.0"
  sha256 arm:   "9acd9c6124cd6f8f4d2a98c77b4c81c394c089ceed15cf9fcbc733ee7d3a9b40",
         intel: "c9f425263282167fcc99dfc3bf16667318124303d9c3bb77bce98aac348a02fd"

  url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{arch}#{version}.pkg"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  auto_updates true
  conflicts_with cask: "hush"
  depends_on macos: :big_sur

  pkg "quiet-#{arch}#{version}.pkg"

  uninstall launchctl: [
              "a",
              "b",
            ],
            quit:      "example.acme.quiet",
            pkgutil:   [
              "a.id",
              "example.acme.driver",
              "example.acme.quiet",
              "z.id",
            ]

  zap trash: [
    "~/Library/Caches/q",
    "~/Library/Preferences/q.plist",
  ]

  caveats <<~EOS
    Grant the microphone.
  EOS
end
