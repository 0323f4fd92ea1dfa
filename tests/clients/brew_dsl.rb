# frozen_string_literal: true

# A stand-in for brew: evaluates a formula or cask as one system and architecture, and installs it when asked to.
#
#   ruby brew_dsl.rb facts FILE SYSTEM ARCH            what it says, as JSON
#   ruby brew_dsl.rb install FILE SYSTEM ARCH FOLDER   downloads, checks, installs below FOLDER and runs the test
#
# SYSTEM is macos or linux, ARCH arm or intel. A word that brew's language does not have is an error (Ruby's own
# NameError), and so is a stanza that is there twice. Only the words that the tests need are here.
#
# As in brew, a file is loaded as every machine, also as one that it is not for, and must have an address there:
# `brew tap` refuses a tap with a formula that has none.

require "date"
require "digest"
require "fileutils"
require "json"
require "net/http"
require "open3"
require "pathname"
require "tmpdir"
require "uri"

MODE, FILE_NAME, SYSTEM, ARCH, FOLDER = ARGV

# What a file said, in the order in which it said it.
class Stanzas
  attr_reader :order, :values, :inside
  attr_accessor :depth, :unsupported

  def initialize
    @order = []
    @inside = {}
    @values = {}
    @depth = 0
    @depths = {}
  end

  # A block's address takes the place of the one at the top.
  def once(word, value)
    replaces = %i[url sha256].include?(word) && @depths[word] == 0 && @depth > 0
    raise "#{word} is set twice for #{SYSTEM} on #{ARCH}" if @values.key?(word) && !replaces

    @order << word
    @values[word] = value
    @depths[word] = @depth
  end

  def many(word, value)
    @order << word
    (@values[word] ||= []) << value
  end

  def said(word)
    @values[word]
  end
end

MACOS = %i[big_sur monterey ventura sonoma sequoia tahoe golden_gate].freeze

# The words that formulas and casks share.
module Shared
  def on_macos(&block) = nested(:on_macos, SYSTEM == "macos", &block)
  def on_linux(&block) = nested(:on_linux, SYSTEM == "linux", &block)
  def on_arm(&block) = nested(:on_arm, ARCH == "arm", &block)
  def on_intel(&block) = nested(:on_intel, ARCH == "intel", &block)

  def nested(word, holds, &block)
    places = (@places ||= [[]])
    raise "there are two #{word} blocks in one place" if places.last.include?(word)

    places.last << word
    stanzas.order << word if places.length == 1
    return unless holds

    outside = stanzas.order.dup
    places.push([])
    stanzas.depth += 1
    block.call
    stanzas.depth -= 1
    places.pop
    stanzas.inside[word] = stanzas.order.drop(outside.length)
    stanzas.order.replace(outside)
  end

  def desc(text) = stanzas.once(:desc, text)
  def homepage(text) = stanzas.once(:homepage, text)

  def livecheck(&block)
    stanzas.once(:livecheck, Livecheck.new.tap { |check| check.instance_eval(&block) }.reason)
  end

  def depends_on(what)
    known = what.is_a?(String) || %i[macos linux].include?(what) || (what.is_a?(Hash) && (what.keys - dependencies).empty?)
    raise "depends_on #{what.inspect} is unknown" unless known

    stanzas.many(:depends_on, what.inspect)
    check_platform(what)
  end

  def check_platform(what)
    stanzas.unsupported ||= "needs #{what}" if what.is_a?(Symbol) && what.to_s != SYSTEM
    return unless what.is_a?(Hash)

    stanzas.unsupported ||= "needs macOS" if what[:macos] && SYSTEM != "macos"
    raise "depends_on macos: takes a release" if what.key?(:macos) && !MACOS.include?(what[:macos])
    return if !what.key?(:arch) || what[:arch] == { "arm" => :arm64, "intel" => :x86_64 }[ARCH]

    stanzas.unsupported ||= "needs #{what[:arch]}"
  end

  # As brew reads them: a date, and a reason that it puts behind the name.
  def disable!(date:, because:, replacement_formula: nil, replacement_cask: nil) = ended(:disable!, date, because, replacement_formula || replacement_cask)
  def deprecate!(date:, because:, replacement_formula: nil, replacement_cask: nil) = ended(:deprecate!, date, because, replacement_formula || replacement_cask)

  def ended(word, date, because, replacement)
    Date.iso8601(date)
    raise "the reason #{because.inspect} is not in style" if because.start_with?("it ") || because.end_with?(".", "!", "?")

    stanzas.once(word, [date, because, replacement])
  end
end

class Livecheck
  attr_reader :reason

  def skip(reason)
    @reason = reason
  end
end

module OS
  def self.mac? = SYSTEM == "macos"
  def self.linux? = SYSTEM == "linux"
end

module Hardware
  module CPU
    def self.arm? = ARCH == "arm"
    def self.intel? = ARCH == "intel"
  end
end

# A folder of the keg.
class KegFolder < Pathname
  def install(*items)
    each_pair(items) { |source, name| move(source, name) }
  end

  def install_symlink(*items)
    each_pair(items) do |source, name|
      mkpath
      FileUtils.ln_s(source, self + name)
    end
  end

  private

  def each_pair(items)
    items.flatten.each do |item|
      pairs = item.is_a?(Hash) ? item.to_a : [[item, File.basename(item.to_s)]]
      pairs.each { |source, name| yield source, name }
    end
  end

  def move(source, name)
    raise "#{source} is not in the archive" unless File.exist?(source.to_s)

    mkpath
    FileUtils.mv(source.to_s, self + name)
    FileUtils.chmod(0o755, self + name) if basename.to_s == "bin"
  end
end

# What a formula's service says: brew makes a launchd plist and a systemd unit of it.
class Service
  attr_reader :said

  def initialize
    @said = {}
  end

  def opt_bin = Pathname("/opt/bin")
  def run(command) = @said[:run] = command.map(&:to_s)
  def var = Pathname("/var")
  def keep_alive(value) = @said[:keep_alive] = value
  def log_path(path) = @said[:log] = path.to_s
  def error_log_path(path) = @said[:errors] = path.to_s
end

class Formula
  class << self
    include Shared

    def dependencies = %i[arch macos]

    attr_reader :test_block

    def stanzas = (@stanzas ||= Stanzas.new)
    def url(text) = stanzas.once(:url, text)
    def sha256(text) = stanzas.once(:sha256, text)
    def version(text) = stanzas.once(:version, text)

    def license(value)
      raise "license #{value.inspect} is unknown" unless value.is_a?(String) || value.is_a?(Hash) || value == :cannot_represent

      stanzas.once(:license, value.inspect)
    end

    def conflicts_with(name, because:) = stanzas.many(:conflicts_with, [name, because])

    def keg_only(reason)
      raise "keg_only #{reason.inspect} is not in style" unless reason == :versioned_formula || (reason.is_a?(String) && !reason.end_with?("."))

      stanzas.once(:keg_only, reason)
    end

    def service(&block)
      stanzas.once(:service, Service.new.tap { |service| service.instance_eval(&block) }.said)
      raise "a service needs run" unless stanzas.said(:service)[:run]
    end

    def test(&block)
      stanzas.order << :test
      @test_block = block
    end

    def method_added(name)
      super
      raise "brew calls no method #{name}" unless %i[install caveats].include?(name)

      stanzas.order << name
    end

    def inherited(formula)
      super
      (@loaded ||= []) << formula
    end

    def loaded = @loaded || []
  end
end

# A formula in its keg, where install and test run.
module Installed
  attr_accessor :prefix

  def bin = KegFolder.new(prefix + "bin")
  def libexec = KegFolder.new(prefix + "libexec")
  (1..8).each { |section| define_method("man#{section}") { KegFolder.new(prefix + "share/man/man#{section}") } }
  def bash_completion = KegFolder.new(prefix + "etc/bash_completion.d")
  def zsh_completion = KegFolder.new(prefix + "share/zsh/site-functions")
  def fish_completion = KegFolder.new(prefix + "share/fish/vendor_completions.d")
  def version = self.class.stanzas.said(:version) || scanned(self.class.stanzas.said(:url))

  def shell_output(command)
    output, status = Open3.capture2(command)
    raise "#{command} ended with #{status.exitstatus}" unless status.success?

    output
  end

  def system(*command)
    raise "#{command.join(" ")} failed" unless Kernel.system(*command.map(&:to_s))
  end

  def assert_match(expected, actual)
    raise "#{expected.inspect} is not in #{actual.inspect}" unless actual.include?(expected)
  end
end

class CaskFile
  include Shared

  DIGESTS = %i[arm intel arm64_linux x86_64_linux].freeze
  UNINSTALL = %i[launchctl quit signal login_item kext pkgutil delete trash rmdir].freeze

  attr_reader :token, :stanzas

  def initialize(token)
    @token = token
    @stanzas = Stanzas.new
  end

  def dependencies = %i[arch macos formula]

  def arch(arm: nil, intel: nil)
    return stanzas.said(:arch) unless arm || intel

    stanzas.once(:arch, (ARCH == "arm" ? arm : intel).to_s)
  end

  def version(value = nil) = value.nil? ? stanzas.said(:version) : stanzas.once(:version, value)

  def os(macos: nil, linux: nil)
    return stanzas.said(:os) unless macos || linux

    stanzas.once(:os, (SYSTEM == "macos" ? macos : linux).to_s)
  end

  def sha256(value)
    return stanzas.once(:sha256, value) unless value.is_a?(Hash)
    raise "digests stand in the order #{DIGESTS}" if value.keys != DIGESTS & value.keys

    key = SYSTEM == "macos" ? ARCH : { "arm" => "arm64_linux", "intel" => "x86_64_linux" }[ARCH]
    stanzas.unsupported ||= "there is no sha256 for #{key}" unless value.key?(key.to_sym)
    stanzas.once(:sha256, value[key.to_sym])
  end

  def url(text) = stanzas.once(:url, text)
  def name(text) = stanzas.many(:name, text)
  def pkg(text) = on("macos", :pkg, text)
  def app(text) = on("macos", :app, text)
  def app_image(text, target: nil) = on("linux", :app_image, [text, target].compact)
  def binary(text, target: nil) = stanzas.many(:binary, [text, target].compact)
  def manpage(text) = stanzas.many(:manpage, text)
  def bash_completion(text, target: nil) = stanzas.many(:bash_completion, [text, target].compact)
  def fish_completion(text, target: nil) = stanzas.many(:fish_completion, [text, target].compact)
  def zsh_completion(text, target: nil) = stanzas.many(:zsh_completion, [text, target].compact)
  def auto_updates(value) = stanzas.once(:auto_updates, value)
  def caveats(text) = stanzas.once(:caveats, text)
  def conflicts_with(cask:) = stanzas.once(:conflicts_with, cask)

  def on(system, word, value)
    stanzas.unsupported ||= "#{word} is for #{system} only" if SYSTEM != system
    stanzas.many(word, value)
  end

  def uninstall(**parts)
    raise "uninstall takes #{UNINSTALL} in this order" if parts.keys != UNINSTALL & parts.keys

    stanzas.once(:uninstall, parts)
  end

  def zap(trash:)
    raise "zap is not sorted" if [trash].flatten != [trash].flatten.sort

    stanzas.once(:zap, trash)
  end
end

def cask(token, &block)
  raise "two casks in one file" if $cask

  $cask = CaskFile.new(token)
  $cask.instance_eval(&block)
end

# -- versions ---------------------------------------------------------------------------------------------------------

# The version that brew reads out of an address, by those of its rules that names of programs for several machines
# meet; the first one that fits counts.
def scanned(address)
  stem = File.basename(address).sub(/\.(tar\.)?[a-z][a-z0-9]*\z/, "")
  dotted = /\d+(?:\.\d+)+/
  found = [
    [stem, /-(\d+(?:\.\d+)*)$/],
    [stem, /[_-](\d+(?:\.\d+){1,2}(?:-\d+)?)[._-](?:i[36]86|x86|x64(?:[_-](?:32|64))?)$/],
    [stem, /[-.vV]?(#{dotted}[._-]?(?i:alpha|beta|pre|rc)\.?\d{,2})/],
    [stem, /(\d+(?:\.\d+)*)$/],
    [stem, /-(#{dotted})-/],
    [stem, /-v?(\d[^-]+)/],
    [stem, /_v?(\d[^_]+)/],
    [address, %r{/(?:[rvV]_?)?(\d+\.\d+(?:\.\d+){,2})}],
  ]
  found.filter_map { |text, rule| text[rule, 1] }.first
end

# -- downloads --------------------------------------------------------------------------------------------------------

def fetch(stanzas, folder)
  address = URI(stanzas.said(:url))
  answer = Net::HTTP.get_response(address)
  raise "#{address} answered #{answer.code}" unless answer.is_a?(Net::HTTPOK)

  digest = Digest::SHA256.hexdigest(answer.body)
  raise "SHA-256 mismatch: #{address} is #{digest}" if digest != stanzas.said(:sha256)

  file = File.join(folder, File.basename(address.path))
  File.binwrite(file, answer.body)
  file
end

def unpack(file, folder)
  case file
  when /\.zip\z/ then Kernel.system("unzip", "-q", file, "-d", folder, exception: true)
  when /\.t(ar\.)?\w+\z/ then Kernel.system("tar", "-xf", file, "-C", folder, exception: true)
  else FileUtils.cp(file, folder)
  end
end

# brew's own rule: the one folder of an archive is entered.
def enter_archive(folder, &block)
  inside = Dir.children(folder).reject { |name| name.start_with?(".") }
  only = File.join(folder, inside.first)
  Dir.chdir(inside.length == 1 && File.directory?(only) ? only : folder, &block)
end

def staged(stanzas)
  Dir.mktmpdir do |downloads|
    file = fetch(stanzas, downloads)
    Dir.mktmpdir do |folder|
      unpack(file, folder)
      yield folder, File.basename(file)
    end
  end
end

def install_formula(formula)
  keg = formula.allocate.extend(Installed)
  keg.prefix = Pathname(FOLDER)
  staged(formula.stanzas) { |folder,| enter_archive(folder) { keg.install } }
  Dir.mktmpdir { |folder| Dir.chdir(folder) { keg.instance_eval(&formula.test_block) } }
end

def install_cask(cask)
  staged(cask.stanzas) do |folder, file|
    (cask.stanzas.said(:app) || []).each do |app|
      raise "#{app} is not in the archive" if file.end_with?(".zip") && !File.directory?(File.join(folder, app))
    end
    ((cask.stanzas.said(:binary) || []) + (cask.stanzas.said(:app_image) || [])).each do |source, target|
      raise "#{source} is not in the archive" unless File.file?(File.join(folder, source))

      keg = KegFolder.new(File.join(FOLDER, "bin"))
      keg.mkpath
      FileUtils.cp(File.join(folder, source), keg + (target || File.basename(source)))
      FileUtils.chmod(0o755, keg + (target || File.basename(source)))
    end
    %i[manpage bash_completion fish_completion zsh_completion].flat_map { |word| cask.stanzas.said(word) || [] }.each do |source,|
      raise "#{source} is not in the archive" unless File.file?(File.join(folder, source))
    end
    (cask.stanzas.said(:pkg) || []).each { |pkg| raise "#{pkg} is not what was downloaded" unless File.exist?(File.join(folder, pkg)) }
  end
end

# -- the file -----------------------------------------------------------------------------------------------------------

load FILE_NAME

subject = $cask || Formula.loaded.fetch(0)
stanzas = subject.stanzas
%i[desc homepage url].each { |word| raise "#{word} is missing for #{SYSTEM} on #{ARCH}" unless stanzas.said(word) }
unless $cask
  raise "sha256 is missing for #{SYSTEM} on #{ARCH}" unless stanzas.said(:sha256)
  raise "there is no test" unless subject.test_block
  raise "no version can be read from #{stanzas.said(:url)}" unless stanzas.said(:version) || scanned(stanzas.said(:url))

  stanzas.values[:caveats] = subject.allocate.caveats if subject.method_defined?(:caveats)
  stanzas.values[:scanned] = scanned(stanzas.said(:url))
end
if stanzas.unsupported
  puts JSON.generate({ unsupported: stanzas.unsupported, stanzas: stanzas.values })
  exit
end

raise "sha256 is missing for #{SYSTEM} on #{ARCH}" unless stanzas.said(:sha256)

if MODE == "install" && !$cask
  raise "#{subject.name} has been disabled because it #{stanzas.said(:disable!)[1]}!" if stanzas.said(:disable!)

  install_formula(subject)
elsif MODE == "install"
  install_cask(subject)
end
name = $cask ? subject.token : subject.name
version = stanzas.said(:version) || stanzas.said(:scanned)
puts JSON.generate({ name: name, version: version, order: stanzas.order, inside: stanzas.inside, stanzas: stanzas.values })
