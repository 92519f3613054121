#  SYNTAX =  docker/dockerfile:1.7-labs with words  
	# escape=`
#check=skip=StageNameCasing,JSONArgsRecommended
# an ordinary comment ends the directives
# escape=\
FROM a
RUN one `
 two
