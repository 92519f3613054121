// Answers whether the path of a request is a number.
const http = require("http");
const isNumber = require("is-number");

const server = http.createServer((request, response) => {
  const word = request.url.slice(1);
  response.end(`${word}: ${isNumber(word) ? "a number" : "no number"}\n`);
});

if (process.argv[2] === "--check") {
  console.log(isNumber("42"));
} else {
  server.listen(3000);
}
