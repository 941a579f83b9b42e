# frozen_string_literal: true

require 'cgi'
require 'converter'
require 'measured'

module Book
  # What the lab has measured, on the page: plots, figures in the text, tables,
  # and the guesses that one makes before looking.
  module PlotHtml
    WHOSE = { 'reference' => 'The book’s machine', 'own' => 'Yours' }.freeze
    COLUMNS = {
      'rate' => 'A second', 'rate_ratio' => '× rate', 'cpu_us' => 'CPU, µs', 'cpu_ratio' => '× CPU', 'spread' => '±',
      'p50' => 'p50, µs', 'p99' => 'p99, µs', 'calls' => 'Calls', 'load_share' => 'Load’s core'
    }.freeze

    # The book's plot and, if there is one, the reader's beside it.
    def convert_plot(node)
      name = node.attr 'target'
      at = /plot::#{Regexp.escape name}\[/
      plot = Measured.plots[name]
      return lost(node, Measured.data.empty? ? Measured::LACK : "no such plot: #{name}; there are #{Measured.plots.keys.join ', '}", at) unless plot
      return lost(node, "plot #{name}: #{Measured.lack plot['experiment']}", at) unless plot['tables']['reference']

      page(node).first? :plot, name
      id = page(node).unique("plot-#{name}")
      whose = plot['tables'].keys
      two = ' two' if whose.size > 1
      title = node.title || plot['title']
      runs = whose.map { |one| plot_run node, plot, one, name, "#{id}-#{one}", two }
      %(<figure class="plot#{two}" id="#{id}"><figcaption>#{title}</figcaption><div class="runs#{two}">#{runs.join}</div>#{plot_figures plot, title, whose}</figure>)
    end

    # [.predict#name,unit="µs"]: a question, and a place for the guess.
    def convert_example(node)
      return super unless node.role? 'predict'
      return lost(node, 'a prediction without an id: [.predict#name]') unless node.id

      unit = %( <span class="unit">#{CGI.escapeHTML node.attr 'unit'}</span>) if node.attr? 'unit'
      field = %(<p class="number"><label for="#{node.id}-guess">Your guess</label><input type="text" id="#{node.id}-guess" data-note="#{node.id}" autocomplete="off">#{unit}</p>)
      %(<div class="predict" id="#{node.id}" role="group" aria-labelledby="#{node.id}-kicker"><p class="kicker" id="#{node.id}-kicker">Predict</p><div class="question">#{node.content}</div>#{field}</div>)
    end

    # measured:triggers[row="…",server="…",field="cpu_us"]: a figure of the book.
    def convert_inline_measured(node)
      text, problem = Measured.figure node.target, node.attributes
      problem ? lost(node, "measured:#{node.target}: #{problem}", /measured:#{Regexp.escape node.target}\[/) : text
    end

    # measurements::echo[]: all of an experiment; with field="cpu_ratio" a table
    # of servers and loads.
    def convert_measurements(node)
      name = node.attr 'target'
      at = /measurements::#{Regexp.escape name}\[/
      return lost(node, "measurements #{name}: #{Measured.lack name}", at) unless Measured.experiment name

      field = node.attr 'field'
      return lost(node, "no such field: #{field}; there are #{Measured::FIELDS.keys.join ', '}", at) if field && !Measured::FIELDS.key?(field)

      own = Measured.experiment name, 'own'
      book, yours = [Measured.experiment(name), own].map { |one| one && (field ? lab_matrix(one, field) : lab_list(one)) }
      yours ? %(#{book}<details class="own"><summary>Yours</summary><div class="content">#{yours}</div></details>) : book
    end

    # machine::[]: what the book's figures were measured on.
    def convert_machine(node)
      return lost(node, "#{Measured::CSV}/machine.txt: nothing has been measured", /^machine::/) unless Measured.measured? 'reference'

      %(<ul class="machine">#{Measured.machine('reference').map { |line| "<li>#{machine_code line}</li>" }.join}</ul>)
    end

    private

    # A picture in its two forms, of which the page shows one.
    def plot_run(node, plot, whose, name, id, two)
      folder = whose == 'own' ? "#{Measured::FOLDER}/own" : Measured::FOLDER
      pictures = ['', '-narrow'].map { |form| svg "#{folder}/#{name}#{form}.svg", "#{id}#{form}" }
      label = CGI.escapeHTML "#{"#{WHOSE[whose]}. " if two}#{node.title || plot['title']}: #{plot['unit']}. The figures are below."
      head = %(<p class="whose">#{WHOSE[whose]}</p>) if two
      machine = machine_code Measured.machine(whose).join('; ')
      %(<div class="run">#{head}<div class="paper" role="img" aria-label="#{label}">#{pictures.join}</div><p class="machine">#{machine}</p></div>)
    end

    # Nobody's machine is made of words that a dictionary knows.
    def machine_code(text) = "<code>#{CGI.escapeHTML text}</code>"

    def plot_figures(plot, title, whose)
      tables = whose.map { |one| plot_table plot['tables'][one], "#{"#{WHOSE[one]}: " if whose.size > 1}#{title}" }
      csv = "#{plot['experiment']}#{'-calls' if plot['calls']}.csv"
      %(<details class="figures"><summary>In figures</summary><div class="content">#{tables.join}<p>The middle of all rounds, with the least and the most of them.#{starred_plot plot, whose} Each run: <a href="assets/lab/#{csv}">#{csv}</a></p></div></details>)
    end

    def starred_plot(plot, whose)
      ' An asterisk: others used the machine during half of the runs or more.' if whose.any? { |one| plot['tables'][one]['rows'].flatten.any? { |text| text.end_with? '*' } }
    end

    def plot_table(table, label)
      head = table['columns'].map { |one| %(<th scope="col">#{one}</th>) }.join
      rows = table['rows'].map { |name, *cells| %(<tr><th scope="row">#{name}</th>#{cells.map { |cell| ranged(*cell) }.join}</tr>) }
      lab_table label, %(<thead><tr><td></td>#{head}</tr></thead><tbody>#{rows.join}</tbody>)
    end

    def ranged(middle, range = nil)
      failed = ' class="failed"' unless middle.empty? || middle.match?(/\A[\d.]+/)
      "<td#{failed}>#{CGI.escapeHTML middle}#{" <small>#{range}</small>" if range}</td>"
    end

    def lab_table(label, inner)
      %(<div class="tablewrap" tabindex="0" role="group" aria-label="#{CGI.escapeHTML label.gsub(/<[^>]+>/, '')}"><table class="measured">#{inner}</table></div>)
    end

    # Servers down, loads across: one field of each.
    def lab_matrix(experiment, field)
      rows = experiment['rows']
      head = rows.map { |row| %(<th scope="col">#{row['label']}</th>) }.join
      lines = rows.flat_map { |row| row['servers'].keys }.uniq.map do |server|
        ones = rows.map { |row| row['servers'][server] }
        lab_row ones.compact[0], ones.map { |one| %(<td>#{one ? lab_cell(one, field) : ''}</td>) }.join
      end
      lab_table experiment['title'], %(<thead><tr><td></td>#{head}</tr></thead><tbody>#{lines.join}</tbody>)
    end

    # For each load its servers, and all that was measured of each.
    def lab_list(experiment)
      head = COLUMNS.values.map { |name| %(<th scope="col">#{name}</th>) }.join
      bodies = experiment['rows'].map do |row|
        lines = row['servers'].values.map { |one| lab_row one, lab_fields(one) }
        %(<tbody><tr class="load"><th colspan="#{COLUMNS.size + 1}" scope="rowgroup">#{row['label']}</th></tr>#{lines.join}</tbody>)
      end
      lab_table experiment['title'], %(<thead><tr><td></td>#{head}</tr></thead>#{bodies.join})
    end

    def lab_fields(one)
      return %(<td class="failed" colspan="#{COLUMNS.size}">#{CGI.escapeHTML one['failed']}</td>) if one['runs'].zero?

      COLUMNS.keys.map { |field| "<td>#{lab_cell one, field}</td>" }.join
    end

    def lab_row(one, cells)
      %(<tr#{' class="ours"' if one['ours']}><th scope="row">#{one['title']}#{'*' if one['marked']}</th>#{cells}</tr>)
    end

    def lab_cell(one, field)
      value = field == 'spread' ? one[field] / 2 : one[field] # half of it to either side
      one['runs'].zero? || value.nil? ? '–' : Measured.write(value, Measured::FIELDS[field])
    end
  end

  Converter.include PlotHtml
end
