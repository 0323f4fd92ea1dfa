class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/h.tar.gz"
  sha256 "686ba730120a0883652f7c8d1864567c3ed999a9b13655e6e5781d8b58acf667"
  license any_of: ["MIT", "Apache-2.0"]

  livecheck do
    skip "Updated with every release"
  end

  depends_on arch: :arm64
  depends_on :linux

  def install
    bin.install "hello-v1.2.0-linux-arm64" => "hello"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
