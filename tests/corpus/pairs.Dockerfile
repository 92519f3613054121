FROM a
ENV one=1 two="2 2" three='3 "3"' four=4\ 4 five= "six"=6
ENV seven   the rest = "of" the line
ENV eight "quoted
LABEL a.b=c "d e"=f
LABEL legacy value
ENV nine=a'b c'd"e \" f"g \
    ten=10
ARG x y=1 z="a b" w=
ENV eleven="open
ARG twelve=\
