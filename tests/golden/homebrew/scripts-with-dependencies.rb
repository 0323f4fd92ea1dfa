class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0.tar.gz"
  sha256 "ce5353fb06941280d22e4272075ecebd1853f409dc905d0b536feac872443bd8"
  license any_of: ["MIT", "Apache-2.0"]

  livecheck do
    skip "Updated with every release"
  end

  keg_only "it shadows a program"

  on_linux do
    depends_on "python@3.13"
  end

  def install
    bin.install "hello"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
