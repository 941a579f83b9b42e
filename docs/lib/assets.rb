# frozen_string_literal: true

require 'fileutils'
require 'search_index'

module Book
  # Style sheets, scripts, fonts, and the index of the search.
  class Assets
    THEME = File.expand_path('../theme', __dir__)
    # In the order in which they must be read.
    STYLES = %w[tokens frame text code blocks quiz exercise schedule schedule-sheet figures plots diff front dialogs print].freeze
    SLIDE_STYLES = %w[slides slides-blocks slides-print].freeze
    SCRIPTS = %w[helpers theme contents copy callouts terms exercise progress search keys diff].freeze
    SLIDE_SCRIPTS = %w[helpers theme slides-deck slides-views slides-peer slides-keys].freeze

    # A style sheet that asks for a file which is not there would go unnoticed:
    # the browser takes another font. Each is told with its file and line.
    def self.check(problems, theme = THEME)
      (STYLES + SLIDE_STYLES).each do |name|
        sheet = "#{theme}/css/#{name}.css"
        File.foreach(sheet).with_index(1) do |line, number|
          line.scan(/url\(([\w.\/-]+)\)/) do |(file)|
            problems.add sheet, number, "asks for #{file}, and there is no such file" unless File.file? "#{theme}/#{file}"
          end
        end
      end
    end

    def initialize(book)
      @book = book
    end

    def write(folder)
      { book: STYLES, slides: SLIDE_STYLES }.each do |sheet, names|
        File.write "#{folder}/#{sheet}.css", names.map { |name| File.read "#{THEME}/css/#{name}.css" }.join("\n")
      end
      { book: SCRIPTS, slides: SLIDE_SCRIPTS }.each do |script, names|
        File.write "#{folder}/#{script}.js", "'use strict';\n" + names.map { |name| "{\n#{File.read "#{THEME}/js/#{name}.js"}}\n" }.join
      end
      File.write "#{folder}/search-index.js", SearchIndex.script(@book.pages)
      FileUtils.cp "#{THEME}/icon.svg", folder
      FileUtils.mkdir_p "#{folder}/fonts"
      FileUtils.cp Dir["#{THEME}/fonts/*"].sort, "#{folder}/fonts"
      others folder
    end

    private

    # What belongs to the figures is written by their owners.
    def others(folder)
      Dir['docs/player/*.{js,css}'].sort.each { |file| FileUtils.cp file, folder }
      %w[docs/toys/toys.css docs/toys/toy.js].each { |file| FileUtils.cp file, folder if File.file? file }
      FileUtils.cp_r 'docs/lab', folder if File.directory? 'docs/lab' # each run of each plot
      toys = @book.pages.flat_map { |page| page.uses[:toy] }.uniq
      toys.each { |name| FileUtils.cp "docs/toys/#{name}.js", "#{folder}/toy-#{name}.js" }
    end
  end
end
