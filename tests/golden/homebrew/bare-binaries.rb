class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  url "https://dl.acme.example/downloads/hello/1.2.0/hello-macos-arm64"
  version "1.2.0"
  sha256 "4dadc4d82b6e752959db9769fed12bd21dfd983871146943ac13a67f277fc839"
  license :cannot_represent

  livecheck do
    skip "Updated with every release"
  end

  on_macos do
    depends_on arch: :arm64
  end

  on_linux do
    on_arm do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-linux-arm64"
      sha256 "2e5aac87fdf04d8e33a133502884b59e9f4e900cbacec65f189f4cf3f0028cfd"
    end
    on_intel do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-linux-amd64"
      sha256 "6b79c54522a95c40e182a669238d9f11c63ddaf4df7d3a141c39ad6de3f7a1fc"
    end
  end

  def install
    bin.install Dir["*"].first => "hello"
  end

  test do
    system bin/"hello", "say", "hello world"
  end
end
