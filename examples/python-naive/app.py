"""A page that greets, and a number that tells how often."""

from flask import Flask, render_template

app = Flask(__name__)
visits = 0


@app.route("/")
def index():
    global visits
    visits += 1
    return render_template("index.html", visits=visits)


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000)
