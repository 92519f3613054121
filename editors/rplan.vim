" rplan in Vim: as ~/.vim/compiler/rplan.vim, then `:compiler rplan` and `:make` in a Dockerfile.
if exists('current_compiler')
  finish
endif
let current_compiler = 'rplan'

CompilerSet makeprg=rplan\ lint\ --format\ compact\ %:S
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z]%m
