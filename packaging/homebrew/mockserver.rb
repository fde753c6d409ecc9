# The release fills in the version and the checksums. The file belongs into Formula/ of a tap.
class Mockserver < Formula
  desc "Stateful fakes of <<.Fakes>>, checked against recordings"
  homepage "https://github.com/afba07b5/mockserver"
  version "<<.Version>>"
  license "Apache-2.0"

  base = "https://github.com/afba07b5/mockserver/releases/download/v<<.Version>>/mockserver_<<.Version>>"
  on_macos do
    on_arm do
      url "#{base}_darwin_arm64.tar.gz"
      sha256 "<<index .Sums "darwin_arm64.tar.gz">>"
    end
    on_intel do
      url "#{base}_darwin_amd64.tar.gz"
      sha256 "<<index .Sums "darwin_amd64.tar.gz">>"
    end
  end
  on_linux do
    on_arm do
      url "#{base}_linux_arm64.tar.gz"
      sha256 "<<index .Sums "linux_arm64.tar.gz">>"
    end
    on_intel do
      url "#{base}_linux_amd64.tar.gz"
      sha256 "<<index .Sums "linux_amd64.tar.gz">>"
    end
  end

  def install
    bin.install "mockserver"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/mockserver.bash" => "mockserver"
    zsh_completion.install "completions/_mockserver"
    fish_completion.install "completions/mockserver.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/mockserver --version")
  end
end
