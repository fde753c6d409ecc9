# The conversation with Net::HTTP, recorded by VCR.
require "json"
require "net/http"
require "vcr"
require "webmock"

VCR.configure do |c|
  c.cassette_library_dir = ENV["OUT"]
  c.hook_into :webmock
  c.ignore_request { |r| r.uri.include?("__admin") }
end

def ask(token, method, path, body = nil)
  uri = URI(ENV["BASE"] + path)
  request = Net::HTTP.const_get(method).new(uri, "Authorization" => "Bearer #{token}")
  if body
    request["Content-Type"] = "application/json"
    request.body = JSON.generate(body)
  end
  Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
end

{ "vcr-ruby" => {}, "vcr-ruby-bytes" => { preserve_exact_body_bytes: true } }.each do |name, options|
  Net::HTTP.post(URI(ENV["KICKFLOW_ADMIN"] + "/__admin/reset"), "")
  VCR.use_cassette(name, { record: :all }.merge(options)) do
    ask("kickflow-admin-token", "Get", "/v1/users?perPage=2&sortBy=email-asc")
    made = JSON.parse(ask("kickflow-admin-token", "Post", "/v1/grades", name: "Recorded", level: 77).body)
    ask("kickflow-admin-token", "Get", "/v1/grades/" + made["id"])
    ask("kickflow-member-token", "Post", "/v1/grades", name: "Refused", level: 78)
    ask("kickflow-revoked-token", "Get", "/v1/users")
    ask("kickflow-admin-token", "Get", "/v1/users/none")
  end
end
