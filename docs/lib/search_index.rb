# frozen_string_literal: true

require 'cgi'
require 'json'

module Book
  # One record for each section of each page, read off the finished HTML. It is
  # a script and not JSON: a page on file:// may not fetch anything.
  module SearchIndex
    HEADING = %r{<h([23]) id="([^"]+)">(.*?)<a class="anchor".*?</h\1>}m.freeze
    CODE = %r{<figure class="code.*?</figure>}m.freeze

    module_function

    def script(pages)
      "window.TICK_SEARCH=#{JSON.generate pages.flat_map { |page| records page }};\n"
    end

    def records(page)
      crumb = page.chapter? ? "Chapter #{page.number}" : TITLE
      title = text(page.title)
      parts = page.body.split(HEADING, -1)
      lead = parts.shift
      found = [record(page.href, title, crumb, lead), *words(page, title, lead)]
      parent = nil
      parts.each_slice(4) do |level, id, heading, html|
        heading = text(heading)
        parent = heading if level == '2'
        crumb = level == '2' ? title : "#{title} › #{parent}"
        found << record("#{page.href}##{id}", heading, crumb, html)
        found.concat words(page, title, html)
      end
      found
    end

    # The words of the glossary, each by itself.
    def words(page, crumb, html)
      html.scan(%r{<dt id="([^"]+)">(.*?)</dt><dd>(.*?)</dd>}m).map do |id, word, meaning|
        record("#{page.href}##{id}", text(word), crumb, meaning)
      end
    end

    def record(url, title, crumb, html)
      html = html.gsub(%r{<dl class="glossary">.*?</dl>}m, '')
      { u: url, t: title, c: crumb, x: text(html.gsub(CODE, ' ')), k: text(html.scan(CODE).join(' ')) }
    end

    def text(html)
      plain = html.gsub(%r{<(figcaption|svg|script|header|details)\b.*?</\1>}m, ' ').gsub(%r{<span class="tip".*?</span>}m, '')
      CGI.unescapeHTML(plain.gsub(%r{</?(p|li|div|dt|dd|td|th|h\d|span class="l)\b[^>]*>}, ' ').gsub(/<[^>]+>/, '')).gsub(/\s+/, ' ').strip
    end
  end
end
