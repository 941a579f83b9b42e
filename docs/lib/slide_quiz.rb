# frozen_string_literal: true

module Book
  # A question of the chapter as a slide: the answers at once, and which is
  # right, and why each is or is not, when the room has decided.
  module SlideQuiz
    module_function

    # `html_of` gives what a block became on the chapter's page.
    def html(node, html_of)
      list = node.blocks.find { |block| block.context == :ulist && block.option?('checklist') }
      lead = node.blocks.take_while { |block| block != list }.map(&html_of).join
      answers = list.items.map { |item| [SlideProse.clean(item.text), item.blocks.map(&html_of).join, item.attr?('checked')] }
      room = SlideSize::BODY - SlideSize.lines(node.title, SlideSize::WIDTH, 15.5) * 40 + 40 - (lead.empty? ? 0 : SlideSize.lead(lead))
      grow = SlideSize.grow(room) { |by| answers.sum { |text, why,| height text, why, by } }
      %(#{lead}<ol class="choices" style="--grow: #{grow}">#{answers.map { |answer| choice(*answer) }.join}</ol>)
    end

    def choice(text, why, right)
      %(<li#{' class="right"' if right}><p>#{text}</p><div class="reason later"><strong>#{right ? 'Right' : 'Wrong'}.</strong> #{why}</div></li>)
    end

    def height(text, why, by)
      width = SlideSize::WIDTH - 90
      SlideSize.lines(text, width, 13.4 * by) * 36 * by + SlideSize.lines("Wrong. #{why}", width, 10.6 * by) * 29 * by + 24
    end
  end
end
