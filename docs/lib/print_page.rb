# frozen_string_literal: true

require 'sources'

module Book
  # The whole book on one page, for paper. The ids of each page get its name in
  # front, and everything that refers to an id follows.
  class PrintPage
    def initialize(pages)
      @pages = pages
      @slugs = pages.map(&:slug)
    end

    def page
      sheets = @pages.map { |page| sheet page }
      Made.new(slug: 'print', title: TITLE, kind: :print, body: sheets.join("\n"))
    end

    private

    def sheet(page)
      number = page.chapter? ? %(<span class="num">#{page.number}</span> ) : ''
      %(<section class="sheet" id="p-#{page.slug}"><h1>#{number}<span>#{page.title}</span></h1>#{own_ids page}</section>)
    end

    def own_ids(page)
      own = "p-#{page.slug}--"
      page.body.gsub(/ (id|for|name)="([^"]+)"/) { %( #{$1}="#{own}#{$2}") }
          .gsub(/ (aria-(?:labelledby|describedby|controls)|data-co)="([^"]+)"/) { %( #{$1}="#{$2.split.map { |id| own + id }.join ' '}") }
          .gsub(/href="#([^"]+)"/) { %(href="##{own}#{$1}") }
          .gsub(/href="([\w-]+)\.html(?:#([^"]+))?"/) { @slugs.include?($1) ? %(href="#p-#{$1}#{"--#{$2}" if $2}") : $& }
          .gsub(%r{<a href="assets/(lab/[^"]+)">[^<]*</a>}) { "<code>docs/#{$1}</code>" } # no file lies beside paper
          .gsub(/url\(#([^)]+)\)/) { "url(##{own}#{$1})" }
          .gsub('<details', '<details open')
    end
  end
end
