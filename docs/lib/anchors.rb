# frozen_string_literal: true

module Book
  # Every id that a link can lead to, with what stands there.
  class Anchors
    # The title at an id of a page; nil when there is no such id.
    def title(page, id)
      reference = page.doc.catalog[:refs][id]
      return unless reference

      title = reference.respond_to?(:title) && reference.title
      title || (reference.respond_to?(:reftext) && reference.reftext) || id
    end

    # The title of the section in which an id stands; nil when there is no such id.
    def heading(page, id)
      node = page.doc.catalog[:refs][id] or return
      node = node.parent until %i[section document].include? node.context
      node.context == :section ? node.title : page.title
    end
  end

  # The glossary page: a labelled list, [glossary], whose words have ids.
  class Glossary
    attr_reader :page

    def initialize(page)
      @page = page
      @entries = {}
      lists = page ? page.doc.find_by(context: :dlist) : []
      lists.each { |list| list.items.each { |terms, dd| terms.each { |dt| add dt, dd } } }
    end

    def term?(id) = @entries.key?(id)
    def label(id) = @entries[id][0].sub(/\A\[\[[\w-]+\]\]/, '').strip
    def id_of(term) = raw(term)[/\A\[\[([\w-]+)\]\]/, 1]

    # What a tooltip shows: no links in it, for it stands inside of one's reach.
    def definition(id)
      @definitions ||= {}
      @definitions[id] ||= begin
        text = @entries[id][1]&.text.to_s
        text.gsub(%r{<span class="tip".*?</span>}m, '').gsub(%r{</?(a|span)\b[^>]*>}, '')
            .gsub(/ (id|data-raw)="[^"]*"/, '')
      end
    end

    private

    def add(term, definition)
      id = id_of term
      @entries[id] = [raw(term), definition] if id
    end

    def raw(term) = term.instance_variable_get(:@text).to_s
  end

  # The system-call reference: a section for each, [#poll] and `== poll(2)`.
  class Syscalls
    attr_reader :page

    def initialize(page)
      @page = page
      sections = page ? page.doc.find_by(context: :section) : []
      @sections = sections.to_h { |section| [section.id, section.title[/\((\d\w*)\)/, 1]] }
    end

    def call?(name) = !@sections[name].nil?
    def section(name) = @sections[name]
  end
end
