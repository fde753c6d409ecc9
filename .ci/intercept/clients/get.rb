require 'net/http'

uri = URI('https://api.kickflow.com/v1/users')
request = Net::HTTP::Get.new(uri, 'Authorization' => "Bearer #{ENV['KICKFLOW_TOKEN']}")
puts Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }.code
