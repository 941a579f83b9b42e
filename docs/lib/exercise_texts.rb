# frozen_string_literal: true

module Book
  # The texts of a manifest as HTML. They belong to the page that shows them, so
  # they can refer to whatever it can; what is wrong with one is told with the
  # manifest's line.
  module ExerciseTexts
    private

    def blocks_of(node, text)
      cursor = page(node).book.exercises.place page(node), node.attr('exercise'), text
      Asciidoctor::Document.new(text.lines(chomp: true), parent: node.document, page: page(node), cursor: cursor).content
    end

    # Without a paragraph around it: for titles and labels.
    def inline(node, text, cursor = nil)
      block = Asciidoctor::Block.new(node, :paragraph, source: text, subs: :default)
      block.source_location = cursor || page(node).book.exercises.place(page(node), node.attr('exercise'), text)
      block.content
    end

    def check_title(node, title)
      inline node, title, page(node).book.exercises.place_in_checks(page(node), title)
    end
  end
end
