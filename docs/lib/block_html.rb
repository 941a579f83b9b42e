# frozen_string_literal: true

module Book
  # Sections, admonitions, notes in the margin, tables.
  module BlockHtml
    CAPTIONS = { 'note' => 'Note', 'tip' => 'Tip', 'warning' => 'Trap', 'important' => 'Key idea', 'caution' => 'Careful' }.freeze
    ICONS = {
      'note' => '<path d="M12 11v6M12 7.5v.01"/><circle cx="12" cy="12" r="9"/>',
      'tip' => '<path d="M9 18h6M10 21h4M12 3a6 6 0 0 0-3.7 10.7c.5.4.7 1 .7 1.600V15h6v.3c0-.6.2-1.2.7-1.600A6 6 0 0 0 12 3z"/>',
      'warning' => '<path d="M12 3 2.5 20h19L12 3z"/><path d="M12 10v5M12 17.5v.01"/>',
      'important' => '<path d="m12 2.5 2.8 6 6.5.7-4.9 4.3 1.4 6.5-5.8-3.300L6.2 20l1.4-6.500L2.7 9.2l6.5-.7z"/>',
      'caution' => '<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z"/><path d="M12 8v5M12 16v.01"/>'
    }.freeze

    def convert_section(node)
      tag = "h#{node.level + 1}"
      anchor = %(<a class="anchor" href="##{node.id}" aria-label="Link to this section">#</a>)
      classes = ["s#{node.level}", node.role].compact.join ' '
      %(<section class="#{classes}"><#{tag} id="#{node.id}">#{node.title}#{anchor}</#{tag}>\n#{node.content}</section>)
    end

    def convert_admonition(node)
      name = node.attr 'name'
      title = node.title? ? node.title : CAPTIONS[name]
      icon = %(<svg viewBox="0 0 24 24" aria-hidden="true">#{ICONS[name]}</svg>)
      %(<div class="admon #{name}" role="note" aria-label="#{CAPTIONS[name]}"><div class="head">#{icon}#{title}</div>#{body_of node}</div>)
    end

    def convert_paragraph(node)
      node.role?('aside') ? aside(node) : super
    end

    def convert_sidebar(node)
      return aside(node) if node.role? 'aside'

      %(<aside class="sidebar">#{%(<div class="head">#{node.title}</div>) if node.title?}#{node.content}</aside>)
    end

    def convert_example(node)
      node.role?('quiz') ? quiz(node) : super
    end

    def convert_table(node)
      %(<div class="tablewrap" tabindex="0" role="group" aria-label="Table">#{super}</div>)
    end

    # A drawing in characters: scrolls by itself on a narrow page.
    def convert_literal(node)
      title = node.title? ? %(<figcaption>#{node.title}</figcaption>) : ''
      id = node.id ? %( id="#{node.id}") : ''
      %(<figure class="literal"#{id}><div class="scroll"><pre tabindex="0">#{node.content}</pre></div>#{title}</figure>)
    end

    private

    def aside(node)
      %(<div class="side" role="note">#{%(<strong>#{node.title}.</strong> ) if node.title?}#{body_of node}</div>)
    end

    def body_of(node)
      node.blocks? ? node.content : "<p>#{node.content}</p>"
    end
  end
end
