# frozen_string_literal: true

require 'cgi'

module Book
  # Recorded runs, toys and drawings. Each belongs to somebody else's part of
  # docs/; here it is found, put on the page, and missed when it is not there.
  module FigureHtml
    PLAYER = 'docs/player/player.rb'

    def convert_trace(node)
      name = node.attr 'target'
      at = /trace::#{Regexp.escape name}/
      folder = File.basename(page(node).folder)
      data = "build/traces/#{folder}/#{name}.json"
      return lost(node, "no recorded run #{data}: `make traces` records it", at) unless File.file? data

      require File.expand_path(PLAYER)
      page(node).first? :trace, name
      sources = page(node).book.sources
      where = ->(file, line) { (href = sources.href(file)) && "#{href}#L#{line}" }
      ::TracePlayer.html data, id: page(node).unique("trace-#{name}"), title: node.title, source_href: where
    rescue LoadError
      lost node, "a recorded run needs the player, #{PLAYER}", at
    rescue StandardError => e
      lost node, "the recorded run cannot be shown: #{e.message}", at
    end

    def convert_toy(node)
      name = node.attr 'target'
      at = /toy::#{Regexp.escape name}/
      return lost(node, "no such toy: docs/toys/#{name}.js", at) unless File.file? "docs/toys/#{name}.js"
      return lost(node, "toy #{name}: what is to be read without JavaScript? [noscript=\"…\"]", at) unless node.attr? 'noscript'

      page(node).first? :toy, name
      id = page(node).unique("toy-#{name}")
      title = node.title? ? %(<figcaption id="#{id}-title">#{node.title}</figcaption>) : ''
      label = node.title? ? %( aria-labelledby="#{id}-title") : ''
      %(<figure class="toy" id="#{id}" data-toy="#{name}"#{label}>#{title}<p class="noscript">#{node.attr 'noscript'}</p></figure>)
    end

    # NAME.svg, or NAME-1.svg, NAME-2.svg …: panels that wrap.
    def convert_drawing(node)
      name = node.attr 'target'
      at = /drawing::#{Regexp.escape name}/
      files = drawing_files name
      return lost(node, "no such drawing: #{name}.svg, in docs/drawings/ or made by docs/drawings/draw", at) if files.empty?
      return lost(node, "drawing #{name}: what does it show? [alt=\"…\"]", at) if node.attr('alt').to_s.strip.empty?

      id = page(node).unique("drawing-#{name}")
      panels = files.map.with_index { |file, i| svg file, "#{id}-#{i}" }
      kind = panels.size > 1 ? ' panels' : ''
      title = node.title? ? %(<figcaption>#{node.title}</figcaption>) : ''
      %(<figure class="drawing#{kind}#{" #{node.role}" if node.role}" id="#{id}"><div class="paper" role="img" aria-label="#{CGI.escapeHTML node.attr 'alt'}">#{panels.join}</div>#{title}</figure>)
    end

    def convert_chapter_map(node)
      page(node).book.chapter_map.html
    end

    private

    # Ids in a picture become this picture's own: one page may hold many.
    def svg(file, prefix)
      text = File.read(file).sub(/\A\s*<\?xml.*?\?>\s*/m, '').sub(/\A\s*<!DOCTYPE.*?>\s*/m, '').gsub(/<!--.*?-->\s*/m, '')
      text = text.gsub(%r{<(title|desc)>.*?</\1>}m, '').strip # the figure has its own, the alt
      text = text.sub(/\A<svg\b[^>]*>/) { |tag| tag.gsub(/ (role|aria-\w+|width|height)="[^"]*"/, '').sub('<svg', '<svg aria-hidden="true" focusable="false"') }
      text = text.gsub(/\bid="([^"]+)"/) { %(id="#{prefix}-#{$1}") }
      text = text.gsub(/url\(#([^)]+)\)/) { "url(##{prefix}-#{$1})" }
      text.gsub(/\bhref="#([^"]+)"/) { %(href="##{prefix}-#{$1}") }
    end

    # Committed as they are, or drawn by docs/drawings/draw.
    def drawing_files(name)
      %w[docs/drawings build/drawings].each do |folder|
        files = Dir["#{folder}/#{name}.svg"]
        files = Dir["#{folder}/#{name}-[0-9].svg"].sort if files.empty?
        return files if files.any?
      end
      []
    end
  end
end
