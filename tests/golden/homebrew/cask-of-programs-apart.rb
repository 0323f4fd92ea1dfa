cask "quiet" do
  arch arm: "m1", intel: "x64"

  version "1.2.0"
  sha256 arm:   "2df1ad59e00b279c50d1fa21a4440493a14cbecfa4740b2f30c06d2a492ba3bd",
         intel: "e6cf4bf5c0602b92130521e32b0f4734ef1b628dc2627c9c93087cc987bf6e25"

  on_arm do
    binary "quiet"
  end
  on_intel do
    binary "q/bin/quiet"
  end

  url "https://dl.acme.example/downloads/quiet/#{version}/quiet-#{arch}.tar.gz"
  name "Quiet"
  desc "Noise suppression calls"
  homepage "https://acme.example/quiet"

  livecheck do
    skip "Updated with every release"
  end

  depends_on :macos

  # No zap stanza required
end
