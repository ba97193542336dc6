#include "load/curl.h"

namespace ledge {

CurlList MakeHeaders(const std::string& key) {
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  // libcurl would wait for "100 Continue" before it sends a long prompt.
  list = curl_slist_append(list, "Expect:");
  if (!key.empty()) list = curl_slist_append(list, ("Authorization: Bearer " + key).c_str());
  return CurlList(list);
}

CurlEasy MakeCurl(const std::string& url, const CurlList& headers,
                  std::chrono::milliseconds timeout) {
  CurlEasy handle(curl_easy_init());
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(handle.get(), CURLOPT_TCP_NODELAY, 1L);
  return handle;
}

}  // namespace ledge
