# Time bar
time-title = Time bar
time-now = NOW
time-now-long = Go to now
time-play = Let time run
time-pause = Stop time
time-speed = How fast time runs
time-slider = Time: { $date }

day-mon = Mon
day-tue = Tue
day-wed = Wed
day-thu = Thu
day-fri = Fri
day-sat = Sat
day-sun = Sun
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
