FROM a
RUN <<EOF
#!/bin/sh
echo "not a comment" \
# nor this
EOF
RUN <<-'TABS' python3 - 3<<"SECOND" > /out
	import sys
	    print('$x')
	TABS
second $y
SECOND
COPY <<one.txt <<-two.txt /dest/
1
one.txt
	2
two.txt
COPY << spaced /dest
body
spaced
RUN cat <<$NAME
$NAME
RUN echo "<<quoted" cat<<glued <<<herestring <<- dash
ONBUILD RUN <<EOF
triggered
EOF
CMD <<EOF
EXPOSE 1
RUN ["<<EOF"]
COPY <<'two words' /dest
in body
two words
RUN <<EMPTY
EMPTY
