// libcurl's handles with owners, and what all requests of ours have in common.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>

namespace ledge {

// CURL and CURLM are both void: the function tells them apart.
template <auto kDelete>
struct CurlDelete {
  template <typename T>
  void operator()(T* owned) const {
    kDelete(owned);
  }
};
using CurlEasy = std::unique_ptr<CURL, CurlDelete<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, CurlDelete<curl_multi_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, CurlDelete<curl_slist_free_all>>;

// A handle for requests to `url` with the settings of all requests: no proxy, no redirects, http
// and https alone, ended after `timeout` (0: never). `headers` must outlive it.
CurlEasy MakeCurl(const std::string& url, const CurlList& headers,
                  std::chrono::milliseconds timeout);
// Of a request with a JSON body. An empty `key`: none.
CurlList MakeHeaders(const std::string& key);

}  // namespace ledge
