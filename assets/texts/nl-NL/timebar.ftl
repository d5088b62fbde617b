# Tijdbalk
time-title = Tijdbalk
time-now = NU
time-now-long = Naar nu
time-play = Laat de tijd lopen
time-pause = Zet de tijd stil
time-speed = Zo snel loopt de tijd
time-slider = Tijd: { $date }

day-mon = ma
day-tue = di
day-wed = wo
day-thu = do
day-fri = vr
day-sat = za
day-sun = zo
month-1 = januari
month-2 = februari
month-3 = maart
month-4 = april
month-5 = mei
month-6 = juni
month-7 = juli
month-8 = augustus
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december
