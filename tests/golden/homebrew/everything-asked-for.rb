class Hello < Formula
  desc "Program that greets"
  homepage "https://acme.example/hello"
  version "1.2.0"
  license any_of: ["MIT", "Apache-2.0"]

  livecheck do
    skip "Updated with every release"
  end

  deprecate! date: "2026-12-01", because: "has been replaced by greet"

  depends_on "openssl@3"

  on_macos do
    depends_on "gettext"
    depends_on "libfoo"
    depends_on macos: :big_sur

    on_arm do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-macos-arm64.tar.gz"
      sha256 "faa8b5bf0f65aba07442966d4293ed10c41df592a035eb24a6311404a91a716a"
    end
    on_intel do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-macos-amd64.tar.gz"
      sha256 "e0250cf3508b44eb6d38979de5f314740db5d68a4c89b441e5268931d3027e1a"
    end
  end

  on_linux do
    depends_on "systemd"

    on_arm do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-linux-arm64.tar.gz"
      sha256 "af48758d09025733afc1d9f5a00b89de160a1ab4eac635c60abaad05535280a0"
    end
    on_intel do
      url "https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-linux-amd64.tar.gz"
      sha256 "b5949da18a3d2394e9f505a3d8ef82441fd50ccab668e491c2bdbc0da70e011e"
    end
  end

  conflicts_with "acme/tap/ahoy", because: "they install the same files"
  conflicts_with "zhello", because: "they install the same files"

  def install
    bin.install "hello"
  end

  def caveats
    <<~EOS
      Say "hello" to \#{everybody}.

      E\x4fS
      C:\\\\home
    EOS
  end

  service do
    run [opt_bin/"hello", "serve", "--port", "80"]
    keep_alive false
    log_path var/"log/hello.log"
    error_log_path var/"log/hello.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/hello --version")
  end
end
