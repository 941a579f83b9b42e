# frozen_string_literal: true

require 'json'

module Book
  # What the capacity lab has measured, out of the file that tools/bench/plots
  # writes: the book's own figures (reference), and the reader's (own).
  module Measured
    FOLDER = 'build/plots'
    FILE = "#{FOLDER}/measured.json"
    CSV = 'docs/lab'
    LACK = "no plots in #{FOLDER}: `tools/bench/plots` draws them"
    # What each field is called on the page, and how it is written.
    FIELDS = {
      'rate' => :count, 'rate_ratio' => :ratio, 'cpu_us' => :figure, 'cpu_ratio' => :ratio, 'spread' => :ratio,
      'p50' => :figure, 'p99' => :figure, 'load_share' => :percent, 'calls' => :ratio, 'memory' => :count,
      'resident' => :count, 'threads' => :count, 'switches' => :figure, 'runs' => :count
    }.freeze

    module_function

    def data
      @data ||= File.file?(FILE) ? JSON.parse(File.read(FILE)) : {}
    end

    def plots = data.fetch('plots', {})
    def machine(whose) = data.dig('labs', whose, 'machine') || []
    def experiment(name, whose = 'reference') = data.dig('labs', whose, 'experiments', name)
    def measured?(whose) = !machine(whose).empty? && data.dig('labs', whose, 'experiments').any?

    # Why there is nothing of an experiment.
    def lack(name)
      return LACK if data.empty?

      "nothing has been measured: no #{CSV}/#{name}.csv, which `tools/bench/lab #{name}` makes, in build/lab"
    end

    # One figure, as text; or what is wrong with what was asked for.
    def figure(name, ask)
      field = ask['field']
      return [nil, "no such field: #{field}; there are #{FIELDS.keys.join ', '}"] unless FIELDS.key? field

      value, problem = value(name, ask['row'], ask['server'], field)
      return [nil, problem] if problem
      return [write(value, ask['as']&.to_sym || FIELDS[field]), nil] unless ask['of'] || ask['of-row']

      other, problem = value(name, ask['of-row'] || ask['row'], ask['of'] || ask['server'], field)
      return [nil, problem] if problem
      return [nil, "#{field} of #{ask['of'] || ask['of-row']} is 0: nothing is a multiple of it"] if other.zero?

      [write(value / other.to_f, ask['as']&.to_sym || :times), nil]
    end

    def value(name, label, server, field)
      found = experiment name
      return [nil, lack(name)] unless found

      rows = found['rows']
      row = label ? rows.find { |one| one['label'] == label } : (rows[0] if rows.size == 1)
      return [nil, "no such row: #{label}; there are #{rows.map { |one| one['label'] }.join '; '}"] unless row

      one = row['servers'][server]
      return [nil, "no such server: #{server}; there are #{row['servers'].keys.join ', '}"] unless one
      return [nil, "#{server} could not be measured: #{one['failed']}"] if one['runs'].zero?

      one[field] ? [one[field], nil] : [nil, "#{field} of #{server} was not measured"]
    end

    def write(value, how)
      case how
      when :ratio then format '%.2f', value
      when :percent then "#{(100 * value).round} %"
      when :times then value < 9.95 ? format('%.1f', value) : value.round.to_s
      when :count then commas significant(value).round
      else value.abs < 100 ? format('%.3g', value) : commas(significant(value).round)
      end
    end

    # Three figures tell all there is to be told.
    def significant(value)
      value.zero? ? 0 : value.round(2 - Math.log10(value.abs).floor)
    end

    def commas(number) = number.to_s.gsub(/(\d)(?=(\d{3})+\z)/, '\1,')
  end
end
