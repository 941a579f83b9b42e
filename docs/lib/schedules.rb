# frozen_string_literal: true

require 'asciidoctor/extensions'
require 'exercises'
require 'json'
require 'macros'

module Book
  # The schedules and what the manifests say to whoever teaches, out of the file
  # that `tools/workshop export` writes.
  module Schedules
    LACK = "no schedules in #{Exercises::FILE}: `tools/workshop export` writes it"

    module_function

    def data
      @data ||= File.file?(Exercises::FILE) ? JSON.parse(File.read(Exercises::FILE)) : {}
    end

    def chapters = data.fetch('chapters', [])
    def all = data.fetch('schedules', [])
    def named(name) = all.find { |one| one['name'] == name }
    def manifest(chapter) = "chapters/#{chapter['name']}/exercises/exercises.toml"
  end

  # schedule::one-day[]: the computed timetable.
  class ScheduleMacro < BlockMacro
    named :schedule
  end

  # teaching::all[]: a section for each chapter, as its manifest has it: goals,
  # the demonstration, what to ask, what to answer, what to cut. It is made of
  # AsciiDoc, so that its sections stand in the contents and in the search.
  class TeachingMacro < BlockMacro
    named :teaching

    def process(parent, target, attributes)
      return super if Schedules.chapters.empty?

      Schedules.chapters.each { |chapter| parent << section(parent, chapter) }
      nil
    end

    private

    def section(parent, chapter)
      title = "#{chapter['number']}: #{chapter['title']}"
      made = create_section parent, title, { 'id' => "teach-#{chapter['number']}" }
      made.source_location = cursor chapter, 'chapter'
      text(chapter).each { |key, lines| parse_content made, Asciidoctor::Reader.new(lines, cursor(chapter, key)) }
      made << create_block(made, :teaching_exercises, nil, { 'chapter' => chapter })
      made
    end

    # [[the manifest's key, lines of AsciiDoc]]
    def text(chapter)
      [['chapter', ["xref:../../chapters/#{chapter['name']}/chapter.adoc[The chapter] takes #{chapter['minutes']} minutes to read."]],
       ['goals', ['[.goals]', '.Afterwards they can', *list(chapter['goals'])]],
       ['ask', ['[.ask]', '.Ask first', '--', *chapter['ask'].lines(chomp: true), '--']],
       ['demo', ['.Then run', '[source,console]', '----', *commands(chapter['demo']), '----']],
       ['answer', ['[.answer-to]', '.What is seen, and why', '--', *chapter['answer'].lines(chomp: true), '--']],
       ['wrong', ['[.said]', '.What they will say instead', *list(chapter['wrong'])]],
       ['cut', ['[.cut]', '.When you are late', '--', *chapter['cut'].lines(chomp: true), '--']]]
    end

    def list(texts) = texts.map { |text| "* #{text.lines(chomp: true).join(' ')}" }

    # A line after a backslash goes on with the command.
    def commands(text)
      goes_on = false
      text.lines(chomp: true).map do |line|
        shown = goes_on ? line : "$ #{line}"
        goes_on = line.end_with? '\\'
        shown
      end
    end

    def cursor(chapter, key)
      file = Schedules.manifest chapter
      lines = File.file?(file) ? File.readlines(file) : []
      line = (lines.index { |text| text.match?(/\A(#{key}\s*=|\[#{key}\])/) } || 0) + 1
      Asciidoctor::Reader::Cursor.new(File.expand_path(file), File.expand_path(File.dirname(file)), file, line)
    end
  end
end
