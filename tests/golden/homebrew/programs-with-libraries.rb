class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/hello.tar.gz"
  sha256 "94282ac70991920c3dc61eec975741a00bd430623c5fea03af1e7704bb888ce1"
  license any_of: ["MIT", "Apache-2.0"]

  livecheck do
    skip "Updated with every release"
  end

  depends_on arch: :x86_64
  depends_on :linux

  def install
    libexec.install Dir["*"]
    bin.install_symlink libexec/"bin/hello"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
