# frozen_string_literal: true

require 'asciidoctor'
require 'json'

module Book
  # The exercises that the chapters' manifests list. `tools/workshop export`
  # reads those and writes one file of all; each text in it is AsciiDoc.
  class Exercises
    FILE = 'build/exercises.json'

    def self.manifest(page) = "#{page.folder}/exercises/exercises.toml"
    def self.checks(page) = "#{page.folder}/exercises/checks.py"

    # 05.2 is #exercise-05-2 on its chapter's page.
    def self.anchor(one) = "exercise-#{one['id'].tr '.', '-'}"

    def of(page) = page.chapter? ? chapters.fetch(page.slug, []) : []

    # Why a page has none to show; nil if it has.
    def lack(page)
      manifest = Exercises.manifest page
      if !page.chapter? then 'exercises:: on a page that is no chapter'
      elsif !File.file?(manifest) then "exercises:: in a chapter that has none: there is no #{manifest}"
      elsif of(page).empty? then "no exercise of #{manifest} is in #{FILE}: `tools/workshop export` writes it"
      end
    end

    # The place of an exercise's text in its manifest. Inside of quotation
    # marks TOML has backslashes of its own, so they do not count.
    def place(page, one, text)
      file = Exercises.manifest page
      lines = File.file?(file) ? File.readlines(file, chomp: true).map { |line| line.delete '\\' } : []
      first = lines.index { |line| line.match?(/\A\s*id\s*=\s*"#{Regexp.escape one['id']}"/) } || 0
      wanted = text.lines.first.to_s.strip.delete '\\'
      found = lines.drop(first).index { |line| line.include? wanted } || 0
      cursor file, first + found + 1
    end

    def place_in_checks(page, text)
      file = Exercises.checks page
      lines = File.file?(file) ? File.readlines(file) : []
      cursor file, (lines.index { |line| line.include? text } || 0) + 1
    end

    private

    def cursor(file, line)
      Asciidoctor::Reader::Cursor.new(File.expand_path(file), File.expand_path(File.dirname(file)), file, line)
    end

    def chapters
      @chapters ||= begin
        data = File.file?(FILE) ? JSON.parse(File.read(FILE)) : { 'chapters' => [] }
        data['chapters'].to_h { |chapter| [chapter['name'], chapter['exercises']] }
      end
    end
  end
end
