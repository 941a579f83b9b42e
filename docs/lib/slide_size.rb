# frozen_string_literal: true

require 'cgi'

module Book
  # How much of a slide things take, in pixels of a slide of 1280 by 720. Code is
  # counted, text is estimated; the browser measures it (tests/docs/slides.mjs).
  module SlideSize
    WIDTH = 1168
    BODY = 606 # what is left below the heading and above the foot
    GROW = [1.25, 1.15, 1].freeze
    CODE = [28, 26, 24, 22, 20].freeze # sizes of type; the last row cannot read less
    ADVANCE = 0.6 # of a character, in the code's font
    LINE = 1.3
    BAR = 37 # where a listing says where it is from
    FRAME = 22
    NUMBERS = 6 # columns
    NOTE = 26 # a line of a callout's note, and what a character of it takes
    NOTE_CHARACTER = 9.9
    BESIDE = 310 # least width of notes beside their code

    module_function

    # The text of a piece of HTML, and how wide a line of code is.
    def plain(html) = CGI.unescapeHTML(html.gsub(/<[^>]+>/, '')).strip
    def columns(html) = CGI.unescapeHTML(html.gsub(/<[^>]+>/, '')).size

    # Lines that a text takes, of so many pixels, at so many a character.
    def lines(html, width, character) = [(plain(html).size * character / width).ceil, 1].max

    # The largest type, as a multiple, with which something fits.
    def grow(room) = GROW.find { |by| yield(by) <= room } || 1

    def lead(html) = html ? lines(html, WIDTH, 14.1) * 38 + 14 : 0

    # A sentence in a list of sentences.
    def point(html, by = 1) = lines(html, WIDTH - 40, 14 * by) * 40 * by + 18

    def points(items, by = 1) = items.sum { |html| point html, by } + 18

    # The list, in the largest type with which it fits.
    def list(items, room)
      grow = grow(room) { |by| points items, by }
      %(<ul class="points" style="--grow: #{grow}">#{items.map { |item| "<li>#{item}</li>" }.join}</ul>)
    end

    def notes(items, width) = items.sum { |html| lines(html, width - 48, NOTE_CHARACTER) * NOTE + 10 } + (items.any? ? 12 : 0)

    def code_width(columns, size, numbered) = ((columns + (numbered ? NUMBERS : 0)) * ADVANCE * size).ceil + 44
  end
end
