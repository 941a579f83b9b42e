# frozen_string_literal: true

module Book
  # compare::four-triggers[runs="level,edge",title="…"]: recorded runs of one
  # script side by side. What it looks like is the player's matter.
  module CompareHtml
    COMPARE = 'docs/player/compare.rb'

    def convert_compare(node)
      name = node.attr 'target'
      at = /compare::#{Regexp.escape name}/
      runs = node.attr('runs').to_s.split(',').map(&:strip)
      return lost(node, "compare #{name}: which ones? [runs=\"…,…\"]", at) if runs.size < 2

      files = runs.map { |run| "build/traces/#{File.basename page(node).folder}/#{run}.json" }
      missing = files.find { |file| !File.file? file }
      return lost(node, "no recorded run #{missing}: `make traces` records it", at) if missing

      require File.expand_path(COMPARE)
      page(node).first? :compare, name
      ::TraceCompare.html files, id: page(node).unique("compare-#{name}"), title: node.title
    rescue LoadError
      lost node, "recorded runs side by side need #{COMPARE}", at
    rescue StandardError => e
      lost node, "the recorded runs cannot be shown: #{e.message}", at
    end
  end
end
