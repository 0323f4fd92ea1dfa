class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-macos-universal.tar.gz"
  sha256 "9dbf41179ad37460879ee56429c636ef2e6892d776910397455b395ed3bdc706"
  license "GPL-2.0-or-later"

  livecheck do
    skip "Updated with every release"
  end

  on_linux do
    depends_on arch: :x86_64

    on_intel do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-linux-amd64-musl.tar.gz"
      sha256 "a57226bb59ee73cd541f734caeb30e1fb375d735277ce4c9f185e0b4534c68a7"
    end
  end

  def install
    bin.install "hello"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
