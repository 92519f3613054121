FROM a
RUN <<EOF cat <<SECOND
one
  EOF
two
SECOND
CPY a b
RUN <<NEVER
three
