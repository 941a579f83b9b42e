# frozen_string_literal: true

module Book
  # Keeps what each block of a document became, so that the slides can show the
  # same: a block is converted once, for both.
  module KeptHtml
    def convert(node, *)
      html = super
      kept[node] = html if node.is_a? Asciidoctor::AbstractBlock
      html
    end

    def kept = @kept ||= {}.compare_by_identity
  end
end
