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
      found = [record(page.href, title, crumb, parts.shift)]
      parent = nil
      parts.each_slice(4) do |level, id, heading, html|
        heading = text(heading)
        parent = heading if level == '2'
        crumb = level == '2' ? title : "#{title} › #{parent}"
        found << record("#{page.href}##{id}", heading, crumb, html)
      end
      found
    end

    def record(url, title, crumb, html)
      { u: url, t: title, c: crumb, x: text(html.gsub(CODE, ' ')), k: text(html.scan(CODE).join(' ')) }
    end

    def text(html)
      plain = html.gsub(%r{<(figcaption|svg|script|header|details)\b.*?</\1>}m, ' ').gsub(%r{<span class="tip".*?</span>}m, '')
      CGI.unescapeHTML(plain.gsub(%r{</?(p|li|div|dt|dd|td|th|h\d|span class="l)\b[^>]*>}, ' ').gsub(/<[^>]+>/, '')).gsub(/\s+/, ' ').strip
    end
  end
end
