# frozen_string_literal: true

require 'asciidoctor'
require 'block_html'
require 'compare_html'
require 'exercise_html'
require 'figure_html'
require 'inline_code'
require 'link_html'
require 'listing_html'
require 'quiz_html'
require 'slide_kept'

module Book
  # Asciidoctor's HTML with our own for what this book does differently.
  # Each module below is one kind of thing on the page.
  class Converter < (Asciidoctor::Converter.for 'html5')
    include ListingHtml
    include BlockHtml
    include QuizHtml
    include ExerciseHtml
    include FigureHtml
    include CompareHtml
    include LinkHtml
    include KeptHtml

    def page(node) = node.document.options[:page]
    def problems(node) = page(node).book.problems

    # A complaint about a node, and what stands on the page in its place.
    def lost(node, text, pattern = nil)
      problems(node).at node, text, pattern
      %(<span class="lost">#{CGI.escapeHTML text}</span>)
    end

    def convert_inline_quoted(node)
      node.type == :monospaced ? InlineCode.mark(page(node), node, super) : super
    end
  end
end
