class HelloAT11 < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.1.3/hello-1.1.3-linux-amd64.tar.gz"
  version "1.1.3"
  sha256 "99fd9b9bfd4fc1d2ec5390ad3b43add4d5a25bc2b9c5811a333415691cd6fbc9"
  license any_of: ["MIT", "Apache-2.0"]

  livecheck do
    skip "Updated with every release"
  end

  keg_only :versioned_formula

  depends_on arch: :x86_64
  depends_on :linux

  def install
    bin.install "hello"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
