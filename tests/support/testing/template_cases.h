// The catalogue of chat templates that a malicious model brings: those that never end, and those
// that reach for code. Each with the error that it must give. Tests run every one by name, and the
// fuzzer starts from the same texts.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace ledge::testing {

struct TemplateCase {
  std::string name;
  Code code;
  std::string words;  // of the message
  std::string source;
};

inline std::vector<TemplateCase> HostileTemplates() {
  constexpr Code kLimit = Code::kUnsupported;
  constexpr Code kWrong = Code::kMalformed;
  return {
      {"range_huge", kLimit, "range()", "{% for i in range(1000000000) %}x{% endfor %}"},
      {"range_as_list", kLimit, "range()", "{{ range(10 ** 18)|list }}"},
      {"range_of_everything", kLimit, "range()",
       "{{ range(-9223372036854775807, 9223372036854775807, 1) }}"},
      {"loops_nested", kLimit, "chat template 'hostile'",
       "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"},
      {"loops_with_work", kLimit, "steps",
       "{% for a in range(9999) %}{% for b in range(9999) %}{% set x = a %}{% endfor %}{% endfor "
       "%}"},
      {"text_times", kLimit, "times 1000000000", "{{ 'x' * 1000000000 }}"},
      {"text_times_wraps", kLimit, "at most", "{{ 'xy' * 9223372036854775807 }}"},
      {"list_times", kLimit, "at most", "{{ [0] * 1000000000 }}"},
      {"text_times_again", kLimit, "at most", "{% set x = 'x' * 4000000 %}{{ x * 3 }}"},
      {"class_walk", kWrong, "'__class__' is not open",
       "{{ ''.__class__.__mro__[1].__subclasses__() }}"},
      {"init", kWrong, "'__init__' is not open", "{{ messages.__init__ }}"},
      {"class_as_item", kWrong, "'__class__' is not open", "{{ messages[0]['__class__'] }}"},
      {"class_by_map", kWrong, "'__class__' is not open",
       "{{ [1]|map(attribute='__class__')|list }}"},
      {"attr", kLimit, "unknown filter 'attr'", "{{ ''|attr('__class__') }}"},
      {"globals", kWrong, "undefined", "{{ cycler.__init__.__globals__.os.popen('id').read() }}"},
      {"self", kWrong, "undefined", "{{ self.__init__ }}"},
      {"import", kLimit, "import", "{% import 'os' as os %}"},
      {"format_field", kLimit, "0.__class__", "{{ '{0.__class__}'.format(1) }}"},
      {"append", kWrong, "would change a list", "{{ messages.append(1) }}"},
      {"update", kWrong, "would change a dict", "{{ messages[0].update({}) }}"},
  };
}

}  // namespace ledge::testing
