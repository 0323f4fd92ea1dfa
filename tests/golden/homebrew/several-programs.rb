class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/hello_macos.tar.gz"
  sha256 "3cdb0709372f2d1641b242409a1eea88818c415de9425fbf0ef848a7a01f81a1"

  livecheck do
    skip "Updated with every release"
  end

  on_linux do
    depends_on arch: :x86_64

    on_intel do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello_linux.tar.gz"
      sha256 "39d853fe3e044c044ed341c58203afbfb14f56241d372e36445456062da3f931"
    end
  end

  def install
    if OS.mac?
      bin.install "hello"
      bin.install "hello-admin"
    else
      bin.install "bin/hello"
      bin.install "bin/hello-admin"
    end
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
